{{- define "pullquote.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "pullquote.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "pullquote.labels" -}}
{{ include "pullquote.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "pullquote.secret" -}}
{{- .Values.existingSecret | default (include "pullquote.name" .) -}}
{{- end -}}

{{- define "pullquote.replica" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-replica
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* The address that links of this pod begin with: the builder has its own where replicas have the public one. */ -}}
{{- define "pullquote.address" -}}
{{- if and .Values.replicas.count (eq .Role "builder") -}}
http://{{ include "pullquote.name" . }}-builder.{{ .Release.Namespace }}.svc
{{- else -}}
{{ required "set publicUrl, such as https://answers.example.org" .Values.publicUrl }}
{{- end -}}
{{- end -}}
