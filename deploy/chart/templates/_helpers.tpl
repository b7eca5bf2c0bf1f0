{{/* The account, the admission policies and the agent's rights name this namespace. */}}
{{- define "check" -}}
{{- if ne .Release.Namespace "calico-chatops" }}{{ fail "install the chart with --namespace calico-chatops: its rights name this namespace" }}{{ end }}
{{- if and .Values.worker.apart (or (not .Values.secrets.redis) (not .Values.secrets.approvalKey)) }}{{ fail "worker.apart needs secrets.redis and secrets.approvalKey: bot and worker share both" }}{{ end }}
{{- if not (has .Values.nodesVia (list "ssh" "agent")) }}{{ fail "nodesVia must be ssh or agent" }}{{ end }}
{{- $writes := or .Values.rbac.fixes (eq .Values.nodesVia "agent") }}
{{- if and $writes (semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version) }}{{ fail "rbac.fixes and nodesVia agent need Kubernetes 1.30 or newer, for their admission policies" }}{{ end }}
{{- end }}

{{/* A file without the Namespace of the release, which Helm makes. */}}
{{- define "withoutNamespace" -}}
{{- range $document := splitList "\n---\n" . }}
{{- if not (contains "kind: Namespace\nmetadata:\n  name: calico-chatops\n" (printf "%s\n" $document)) }}
---
{{ $document }}
{{- end }}
{{- end }}
{{- end }}

{{- define "configuration" -}}
{{- $ssh := dict "SSH_USER" "calico-chatops" "SSH_KEY_FILE" "/etc/calico-chatops/nodes/bot-key" "SSH_KNOWN_HOSTS_FILE" "/etc/calico-chatops/nodes/known_hosts" }}
{{- $set := ternary $ssh (dict "NODES_VIA" "agent") (eq .Values.nodesVia "ssh") }}
{{- toYaml (mergeOverwrite (dict "LISTEN" "0.0.0.0:8080") $set .Values.config) }}
{{- end }}

{{/* A Deployment and its volume. Takes root, name and role. */}}
{{- define "program" -}}
{{- $values := .root.Values }}
{{- $ssh := eq $values.nodesVia "ssh" }}
{{- $serves := ne .role "worker" }}
# Runs, plans, the audit chain and the key that signs them. Losing it loses plans that wait for approval.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .name }}-state
  namespace: calico-chatops
spec:
  accessModes: [ReadWriteOnce]
  {{- with $values.state.storageClassName }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ $values.state.size }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: calico-chatops
  labels:
    app.kubernetes.io/name: {{ .name }}
spec:
  # One: used approvals are remembered in the volume.
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels:
      app.kubernetes.io/name: {{ .name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {{ .name }}
    spec:
      serviceAccountName: calico-chatops
      {{- with $values.imagePullSecrets }}
      imagePullSecrets: {{ toYaml . | nindent 8 }}
      {{- end }}
      {{- if $values.hostNetwork }}
      # The pod's own network may be what is broken.
      hostNetwork: true
      dnsPolicy: ClusterFirstWithHostNet
      {{- end }}
      # The worker lets running jobs finish first.
      terminationGracePeriodSeconds: 40
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532
        # Else each mount opens the key that signs approvals to the group, and the bot refuses it.
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      {{- with $values.nodeSelector }}
      nodeSelector: {{ toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations: {{ toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: calico-chatops
          image: {{ $values.image.repository }}:{{ $values.image.tag | default .root.Chart.AppVersion }}
          {{- if ne $values.image.pullPolicy "IfNotPresent" }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          {{- end }}
          {{- if ne .role "all" }}
          args: [serve, --role, {{ .role }}]
          {{- end }}
          env:
            - name: CALICO_CHATOPS_CONFIG
              value: /etc/calico-chatops/config/calico-chatops.yaml
            - name: SLACK_BOT_TOKEN_FILE
              value: /etc/calico-chatops/slack/bot-token
            {{- if $serves }}
            {{- if $values.secrets.socketMode }}
            - name: SLACK_APP_TOKEN_FILE
              value: /etc/calico-chatops/slack/app-token
            {{- else }}
            - name: SLACK_SIGNING_SECRET_FILE
              value: /etc/calico-chatops/slack/signing-secret
            {{- end }}
            {{- if and $values.secrets.alerts $values.secrets.alertsBasicAuth }}
            - name: ALERT_BASIC_AUTH_FILE
              value: /etc/calico-chatops/alerts/basic-auth
            {{- else if $values.secrets.alerts }}
            - name: ALERT_TOKEN_FILE
              value: /etc/calico-chatops/alerts/token
            {{- end }}
            {{- end }}
            {{- if $values.secrets.redis }}
            - name: REDIS_URL_FILE
              value: /etc/calico-chatops/redis/url
            {{- end }}
            {{- if $values.secrets.approvalKey }}
            - name: APPROVAL_KEY_FILE
              value: /etc/calico-chatops/key/approval.key
            {{- end }}
          {{- if $serves }}
          ports:
            - name: http
              containerPort: 8080
          # If Redis does not answer for a minute, a restart brings the one of this container back.
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 20
            failureThreshold: 3
          readinessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 5
          startupProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 2
            failureThreshold: 60
          {{- end }}
          resources: {{ toYaml $values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          volumeMounts:
            - {name: state, mountPath: /var/lib/calico-chatops}
            - {name: tmp, mountPath: /tmp}
            - {name: config, mountPath: /etc/calico-chatops/config, readOnly: true}
            - {name: slack, mountPath: /etc/calico-chatops/slack, readOnly: true}
            {{- if $ssh }}
            - {name: nodes, mountPath: /etc/calico-chatops/nodes, readOnly: true}
            {{- end }}
            {{- if $values.secrets.clusters }}
            - {name: clusters, mountPath: /etc/calico-chatops/clusters, readOnly: true}
            {{- end }}
            {{- if and $serves $values.secrets.alerts }}
            - {name: alerts, mountPath: /etc/calico-chatops/alerts, readOnly: true}
            {{- end }}
            {{- if $values.secrets.redis }}
            - {name: redis, mountPath: /etc/calico-chatops/redis, readOnly: true}
            {{- end }}
            {{- if $values.secrets.approvalKey }}
            - {name: key, mountPath: /etc/calico-chatops/key, readOnly: true}
            {{- end }}
      volumes:
        - name: state
          persistentVolumeClaim: {claimName: {{ .name }}-state}
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        - name: config
          configMap: {name: calico-chatops}
        - name: slack
          secret: {secretName: {{ $values.secrets.slack }}, defaultMode: 0440}
        {{- if $ssh }}
        - name: nodes
          secret: {secretName: {{ $values.secrets.nodes }}, defaultMode: 0440}
        {{- end }}
        {{- if $values.secrets.clusters }}
        - name: clusters
          secret: {secretName: {{ $values.secrets.clusters }}, defaultMode: 0440}
        {{- end }}
        {{- if and $serves $values.secrets.alerts }}
        - name: alerts
          secret: {secretName: {{ $values.secrets.alerts }}, defaultMode: 0440}
        {{- end }}
        {{- if $values.secrets.redis }}
        - name: redis
          secret: {secretName: {{ $values.secrets.redis }}, defaultMode: 0440}
        {{- end }}
        {{- if $values.secrets.approvalKey }}
        - name: key
          secret: {secretName: {{ $values.secrets.approvalKey }}, defaultMode: 0440}
        {{- end }}
{{- if $values.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: calico-chatops
spec:
  # One pod: less would block every drain.
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {{ .name }}
{{- end }}
{{- if and $values.networkPolicy.enabled (not $values.hostNetwork) }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  namespace: calico-chatops
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .name }}
  policyTypes: [Ingress]
  {{- if and $serves $values.networkPolicy.from }}
  ingress:
    - from: {{ toYaml $values.networkPolicy.from | nindent 8 }}
      ports:
        - {port: 8080, protocol: TCP}
  {{- else }}
  ingress: []
  {{- end }}
{{- end }}
{{- end }}
