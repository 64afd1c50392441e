{{- /* The pod of a builder or of a replica, as .Role says. */ -}}
{{- define "pullquote.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add .Values.drain.waitSeconds .Values.drain.endSeconds 10 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: pullquote
    image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    env:
      - name: PULLQUOTE_PUBLIC_URL
        value: {{ include "pullquote.address" . | quote }}
      {{- if eq .Role "replica" }}
      - name: PULLQUOTE_FOLLOW
        value: {{ .Values.replicas.bucket | quote }}
      {{- else if .Values.replicas.count }}
      - name: PULLQUOTE_PUBLISH_TO
        value: {{ .Values.replicas.bucket | quote }}
      {{- end }}
      {{- with .Values.trustedProxies }}
      - name: PULLQUOTE_TRUSTED_PROXIES
        value: {{ . | quote }}
      {{- end }}
      - name: PULLQUOTE_DRAIN_SECONDS
        value: {{ .Values.drain.endSeconds | quote }}
      - name: PULLQUOTE_WRITE_TOKEN
        valueFrom:
          secretKeyRef:
            name: {{ include "pullquote.secret" . }}
            key: write-token
      {{- range $name, $value := .Values.settings }}
      - name: PULLQUOTE_{{ $name | upper }}
        value: {{ $value | toString | quote }}
      {{- end }}
    {{- with .Values.replicas.bucketSecret }}
    envFrom:
      - secretRef:
          name: {{ . }}
    {{- end }}
    ports:
      - name: http
        containerPort: 8000
    startupProbe:
      httpGet:
        path: /healthz
        port: http
        httpHeaders: [{name: Host, value: localhost}]
      periodSeconds: 5
      failureThreshold: 60
    livenessProbe:
      httpGet:
        path: /healthz
        port: http
        httpHeaders: [{name: Host, value: localhost}]
      periodSeconds: 15
      timeoutSeconds: 5
    readinessProbe:
      httpGet:
        path: /readyz
        port: http
        httpHeaders: [{name: Host, value: localhost}]
      periodSeconds: 5
      timeoutSeconds: 5
    lifecycle:
      preStop:
        sleep:
          seconds: {{ .Values.drain.waitSeconds }}
    resources: {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
      - name: data
        mountPath: /var/lib/pullquote
      - name: temporary
        mountPath: /tmp
volumes:
  - name: temporary
    emptyDir:
      sizeLimit: 1Gi
  {{- if eq .Role "replica" }}
  - name: data
    emptyDir: {}
  {{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
