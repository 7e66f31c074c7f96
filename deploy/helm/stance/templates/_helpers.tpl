{{- define "stance.name" -}}
{{- if contains "stance" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-stance" (.Release.Name | trunc 43 | trimSuffix "-") -}}
{{- end -}}
{{- end }}

{{- /* Roles belong to the whole cluster, where another release may have the same name. */}}
{{- define "stance.roleName" -}}
{{- if eq .Release.Namespace (include "stance.name" .) -}}
{{- .Release.Namespace -}}
{{- else -}}
{{- printf "%s:%s" .Release.Namespace (include "stance.name" .) -}}
{{- end -}}
{{- end }}

{{- define "stance.selector" -}}
app.kubernetes.io/name: stance
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "stance.labels" -}}
{{ include "stance.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "stance.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "stance.name" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: without serviceAccount.create, name one that exists" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "stance.image" -}}
{{- $repository := required "image.repository: there is no published image of Stance yet: build one, and name it" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (required "image.tag: say which, or image.digest" .Values.image.tag) -}}
{{- end -}}
{{- end }}

{{- define "stance.claim" -}}
{{- default (printf "%s-lake" (include "stance.name" .)) .Values.lake.existingClaim -}}
{{- end }}
