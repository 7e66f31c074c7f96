package report

// The parts of OCSF 1.5.0 that are used, with the schema's own names. testdata/ocsf-1.5.0.json says what it requires.
// Source: https://github.com/ocsf/ocsf-schema, tag 1.5.0.

type ocsfFinding struct {
	ActivityID   int                  `json:"activity_id"`
	ActivityName string               `json:"activity_name"`
	CategoryUID  int                  `json:"category_uid"`
	CategoryName string               `json:"category_name"`
	ClassUID     int                  `json:"class_uid"`
	ClassName    string               `json:"class_name"`
	TypeUID      int64                `json:"type_uid"`
	TypeName     string               `json:"type_name"`
	Time         int64                `json:"time"` // milliseconds since 1970
	SeverityID   int                  `json:"severity_id"`
	Severity     string               `json:"severity"`
	StatusID     int                  `json:"status_id"`
	Status       string               `json:"status"`
	StatusCode   string               `json:"status_code"`
	StatusDetail string               `json:"status_detail,omitempty"`
	Message      string               `json:"message"`
	Comment      string               `json:"comment,omitempty"`
	Metadata     ocsfMetadata         `json:"metadata"`
	Cloud        ocsfCloud            `json:"cloud"`
	FindingInfo  ocsfFindingInfo      `json:"finding_info"`
	Compliance   ocsfComplianceObject `json:"compliance"`
	Resources    []ocsfResource       `json:"resources"`
	Remediation  *ocsfRemediation     `json:"remediation,omitempty"`
}

type ocsfMetadata struct {
	Version        string      `json:"version"`
	UID            string      `json:"uid"`
	CorrelationUID string      `json:"correlation_uid"`
	EventCode      string      `json:"event_code"`
	Profiles       []string    `json:"profiles"`
	LogName        string      `json:"log_name"`
	Product        ocsfProduct `json:"product"`
}

type ocsfProduct struct {
	Name       string `json:"name"`
	UID        string `json:"uid"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
}

type ocsfCloud struct {
	Provider  string      `json:"provider"`
	Region    string      `json:"region,omitempty"`
	Partition string      `json:"cloud_partition,omitempty"`
	Account   ocsfAccount `json:"account"`
}

type ocsfAccount struct {
	UID    string `json:"uid"`
	Name   string `json:"name,omitempty"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type ocsfFindingInfo struct {
	UID         string       `json:"uid"`
	Title       string       `json:"title"`
	Desc        string       `json:"desc,omitempty"`
	CreatedTime int64        `json:"created_time"`
	Types       []string     `json:"types,omitempty"`
	Analytic    ocsfAnalytic `json:"analytic"`
}

type ocsfAnalytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type ocsfComplianceObject struct {
	Control       string      `json:"control"`
	Desc          string      `json:"desc,omitempty"`
	Requirements  []string    `json:"requirements,omitempty"`
	StatusID      int         `json:"status_id"`
	Status        string      `json:"status"`
	StatusCode    string      `json:"status_code"`
	StatusDetails []string    `json:"status_details,omitempty"`
	Checks        []ocsfCheck `json:"checks"`
}

type ocsfCheck struct {
	UID        string `json:"uid"`
	Name       string `json:"name"`
	Desc       string `json:"desc,omitempty"`
	Severity   string `json:"severity"`
	SeverityID int    `json:"severity_id"`
	Status     string `json:"status"`
	StatusID   int    `json:"status_id"`
}

type ocsfResource struct {
	UID       string     `json:"uid,omitempty"`
	Name      string     `json:"name"`
	Type      string     `json:"type"`
	Region    string     `json:"region,omitempty"`
	Partition string     `json:"cloud_partition,omitempty"`
	Labels    []string   `json:"labels,omitempty"`
	Tags      []ocsfPair `json:"tags,omitempty"`
	// Data is any JSON; here it is where code says what the resource is.
	Data *ocsfLocation `json:"data,omitempty"`
}

type ocsfLocation struct {
	File    string   `json:"file"`
	Line    int      `json:"line,omitempty"`
	EndLine int      `json:"end_line,omitempty"`
	Address string   `json:"address,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	Calls   []string `json:"calls,omitempty"`
}

type ocsfPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type ocsfRemediation struct {
	Desc       string   `json:"desc"`
	References []string `json:"references,omitempty"`
}
