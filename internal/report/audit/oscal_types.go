package audit

// The parts of OSCAL assessment results that are written, as version 1.1.3 of its JSON schema has them. It knows no empty lists.

type oscalProp struct {
	Name    string `json:"name"`
	Space   string `json:"ns,omitempty"`
	Value   string `json:"value"`
	Remarks string `json:"remarks,omitempty"`
}

type oscalLink struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
	Text string `json:"text"`
}

type oscalMetadata struct {
	Title    string       `json:"title"`
	Modified string       `json:"last-modified"`
	Version  string       `json:"version"`
	OSCAL    string       `json:"oscal-version"`
	Props    []oscalProp  `json:"props,omitempty"`
	Links    []oscalLink  `json:"links,omitempty"`
	Roles    []oscalRole  `json:"roles,omitempty"`
	Parties  []oscalParty `json:"parties,omitempty"`
	Remarks  string       `json:"remarks,omitempty"`
}

type oscalRole struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type oscalParty struct {
	ID   string `json:"uuid"`
	Type string `json:"type"`
	Name string `json:"name"`
}

type oscalImport struct {
	Href    string `json:"href"`
	Remarks string `json:"remarks"`
}

type oscalBackMatter struct {
	Resources []oscalResource `json:"resources"`
}

type oscalResource struct {
	ID          string              `json:"uuid"`
	Title       string              `json:"title"`
	Description string              `json:"description,omitempty"`
	Props       []oscalProp         `json:"props,omitempty"`
	Citation    *oscalCitation      `json:"citation,omitempty"`
	Links       []oscalResourceLink `json:"rlinks,omitempty"`
	Base64      *oscalBase64        `json:"base64,omitempty"`
	Remarks     string              `json:"remarks,omitempty"`
}

type oscalCitation struct {
	Text string `json:"text"`
}

type oscalResourceLink struct {
	Href string `json:"href"`
}

type oscalBase64 struct {
	Filename  string `json:"filename"`
	MediaType string `json:"media-type"`
	Value     string `json:"value"`
}

type oscalActivity struct {
	ID          string         `json:"uuid"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Props       []oscalProp    `json:"props,omitempty"`
	Steps       []oscalStep    `json:"steps,omitempty"`
	Controls    *oscalReviewed `json:"related-controls,omitempty"`
	Remarks     string         `json:"remarks,omitempty"`
}

type oscalStep struct {
	ID          string `json:"uuid"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type oscalReviewed struct {
	Description string           `json:"description,omitempty"`
	Selections  []oscalSelection `json:"control-selections"`
}

type oscalSelection struct {
	Description string            `json:"description,omitempty"`
	Include     []oscalControlRef `json:"include-controls,omitempty"`
	Exclude     []oscalControlRef `json:"exclude-controls,omitempty"`
	Remarks     string            `json:"remarks,omitempty"`
}

type oscalControlRef struct {
	ID string `json:"control-id"`
}

type oscalItem struct {
	ID          string      `json:"uuid"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Remarks     string      `json:"remarks,omitempty"`
}

type oscalAssets struct {
	Components []oscalComponent `json:"components"`
	Platforms  []oscalPlatform  `json:"assessment-platforms"`
}

type oscalComponent struct {
	ID          string      `json:"uuid"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Status      oscalState  `json:"status"`
}

type oscalState struct {
	State string `json:"state"`
}

type oscalPlatform struct {
	ID    string      `json:"uuid"`
	Title string      `json:"title"`
	Uses  []oscalUses `json:"uses-components"`
}

type oscalUses struct {
	ID string `json:"component-uuid"`
}

type oscalTask struct {
	ID         string            `json:"uuid"`
	Type       string            `json:"type"`
	Title      string            `json:"title"`
	Activities []oscalAssociated `json:"associated-activities"`
}

type oscalAssociated struct {
	ID       string          `json:"activity-uuid"`
	Subjects []oscalSubjects `json:"subjects"`
}

type oscalSubjects struct {
	Type string    `json:"type"`
	All  *struct{} `json:"include-all"`
}

type oscalOrigin struct {
	Actors []oscalActor       `json:"actors"`
	Tasks  []oscalRelatedTask `json:"related-tasks,omitempty"`
}

type oscalActor struct {
	Type string `json:"type"`
	ID   string `json:"actor-uuid"`
}

type oscalRelatedTask struct {
	ID string `json:"task-uuid"`
}

type oscalAttestation struct {
	Responsible []oscalResponsible `json:"responsible-parties"`
	Parts       []oscalPart        `json:"parts"`
}

type oscalResponsible struct {
	Role    string   `json:"role-id"`
	Parties []string `json:"party-uuids"`
}

type oscalPart struct {
	ID    string      `json:"uuid"`
	Name  string      `json:"name"`
	Space string      `json:"ns"`
	Class string      `json:"class"`
	Title string      `json:"title"`
	Props []oscalProp `json:"props,omitempty"`
	Prose string      `json:"prose"`
}

type oscalObservation struct {
	ID          string              `json:"uuid"`
	Title       string              `json:"title"`
	Description string              `json:"description"`
	Props       []oscalProp         `json:"props,omitempty"`
	Methods     []string            `json:"methods"`
	Types       []string            `json:"types"`
	Origins     []oscalOrigin       `json:"origins"`
	Subjects    []oscalSubject      `json:"subjects,omitempty"`
	Evidence    []oscalEvidenceItem `json:"relevant-evidence,omitempty"`
	Collected   string              `json:"collected"`
	Remarks     string              `json:"remarks,omitempty"`
}

type oscalSubject struct {
	ID    string `json:"subject-uuid"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type oscalEvidenceItem struct {
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Remarks     string      `json:"remarks,omitempty"`
}

type oscalRisk struct {
	ID           string                    `json:"uuid"`
	Title        string                    `json:"title"`
	Description  string                    `json:"description"`
	Statement    string                    `json:"statement"`
	Props        []oscalProp               `json:"props,omitempty"`
	Status       string                    `json:"status"`
	Origins      []oscalOrigin             `json:"origins"`
	Characters   []oscalCharacter          `json:"characterizations"`
	Deadline     string                    `json:"deadline,omitempty"`
	Responses    []oscalResponse           `json:"remediations,omitempty"`
	Observations []oscalRelatedObservation `json:"related-observations,omitempty"`
}

type oscalCharacter struct {
	Origin oscalOrigin  `json:"origin"`
	Facets []oscalFacet `json:"facets"`
}

type oscalFacet struct {
	Name   string `json:"name"`
	System string `json:"system"`
	Value  string `json:"value"`
}

type oscalResponse struct {
	ID          string `json:"uuid"`
	Lifecycle   string `json:"lifecycle"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type oscalFinding struct {
	ID           string                    `json:"uuid"`
	Title        string                    `json:"title"`
	Description  string                    `json:"description"`
	Props        []oscalProp               `json:"props,omitempty"`
	Origins      []oscalOrigin             `json:"origins"`
	Target       oscalTarget               `json:"target"`
	Observations []oscalRelatedObservation `json:"related-observations,omitempty"`
	Risks        []oscalRelatedRisk        `json:"related-risks,omitempty"`
	Remarks      string                    `json:"remarks,omitempty"`
}

type oscalTarget struct {
	Type           string               `json:"type"`
	ID             string               `json:"target-id"`
	Title          string               `json:"title"`
	Status         oscalObjective       `json:"status"`
	Implementation *oscalImplementation `json:"implementation-status,omitempty"`
}

type oscalObjective struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Remarks string `json:"remarks"`
}

type oscalImplementation struct {
	State   string `json:"state"`
	Remarks string `json:"remarks,omitempty"`
}

type oscalRelatedObservation struct {
	ID string `json:"observation-uuid"`
}

type oscalRelatedRisk struct {
	ID string `json:"risk-uuid"`
}
