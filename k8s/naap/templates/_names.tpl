{{- define "naap.labels" -}}
app.kubernetes.io/name: {{ .service }}-service
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: naap
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "naap.selector" -}}
app.kubernetes.io/name: {{ .service }}-service
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- /* Public port of each service; the management port is 1000 above. */ -}}
{{- define "naap.ports" -}}
auth: 8081
keys: 8082
metering: 8083
router: 8084
clearinghouse: 8085
{{- end -}}
