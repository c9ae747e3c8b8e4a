"""line_format and label_format: what Loki's templates know."""

# ruff: noqa: E501 (a query is one line)

_ASKED = r"""
{{.t}}
{{.t}}|{{.n}}|{{.f}}
{{ .t | ToUpper }} {{ .t | ToLower }} {{ .t | upper }} {{ lower .t }} {{ title .t }}
[{{ .t | trim }}] [{{ TrimSpace .t }}] [{{ Trim .t "H d" }}] [{{ trimAll "a" .t }}]
{{ TrimLeft .t "H" }} {{ TrimRight .t "d" }} {{ TrimPrefix .t "He" }} {{ TrimSuffix .t "ld" }} {{ trimPrefix "a," .t }} {{ trimSuffix "c" .t }}
{{ Replace .t "o" "0" -1 }} {{ Replace .t "o" "0" 1 }} {{ replace "o" "0" .t }}
{{ .t | replace " " "_" | ToUpper }}
{{ regexReplaceAll "(o)" .t "<$1>" }} {{ regexReplaceAllLiteral "(o)" .t "<$1>" }}
{{ regexReplaceAll "([a-z])([A-Z]?)" .t "${2}${1}" }}
{{ count "o" .t }} {{ len .t }}
{{ substr 1 4 .t }}
{{ substr 0 3 .t }}|{{ substr -1 3 .t }}|{{ substr 2 -1 .t }}
{{ trunc 3 .t }}|{{ trunc -3 .t }}|{{ trunc 100 .t }}
{{ contains "o" .t }} {{ hasPrefix "He" .t }} {{ hasSuffix "d" .t }}
{{ if contains "o" .t }}yes{{ else }}no{{ end }}
{{ alignLeft 8 .t }}|{{ alignRight 8 .t }}|{{ alignLeft 3 .t }}|{{ alignRight 3 .t }}
{{ indent 2 .t }}|{{ nindent 2 .t }}
{{ repeat 2 .t }}
{{ b64enc .t }}
{{ b64dec .t }}
{{ b64enc .t | b64dec }}
{{ urlencode .t }}
{{ urldecode .t }}
{{ printf "%s" .t }} {{ printf "%-12s|" .t }} {{ printf "%12s|" .t }} {{ printf "%q" .t }} {{ printf "%.3s" .t }}
{{ printf "%d" (int .n) }} {{ printf "%05d" (int .n) }} {{ printf "%x" (int .n) }}
{{ printf "%.2f" (float64 .f) }} {{ printf "%8.3f" (float64 .f) }} {{ printf "%e" (float64 .f) }}
{{ printf "%v %v %v" .t (int .n) (float64 .f) }}
{{ printf "%d" .t }}
{{ print .t .n }} {{ println .t }}
{{ add 1 (int .n) }} {{ sub (int .n) 2 }} {{ mul 3 (int .n) }} {{ div (int .n) 2 }} {{ mod (int .n) 3 }}
{{ add .n 1 }} {{ sub .n 1 }} {{ mul .n .n }}
{{ div .n 0 }}
{{ mod .n 0 }}
{{ max 1 (int .n) 5 }} {{ min 1 (int .n) 5 }}
{{ addf .f 1.5 }} {{ subf .f 0.1 }} {{ mulf .f 3 }} {{ divf .f 4 }}
{{ addf 0.1 0.2 }} {{ subf 0.3 0.1 }} {{ mulf 1.1 1.1 }} {{ divf 1 3 }} {{ divf 2 3 }}
{{ divf .f 0 }}
{{ maxf .f 1 2.5 }} {{ minf .f 1 2.5 }}
{{ ceil .f }} {{ floor .f }} {{ round .f 1 }} {{ round .f 0 }}
{{ int .n }} {{ int .f }} {{ float64 .n }} {{ float64 .f }}
{{ toDate "2006-01-02" "2026-01-02" }}
{{ now | date "2006" | len }}
{{ __timestamp__ | date "2006-01-02T15:04:05.000Z07:00" }}
{{ __timestamp__.UnixNano }}
{{ unixEpoch __timestamp__ }} {{ unixEpochMillis __timestamp__ }} {{ unixEpochNanos __timestamp__ }}
{{ unixToTime "1767312000" }}
{{ date "15:04" (unixToTime "1767312000") }}
{{ date "2006-01-02" (toDate "2006-01-02T15:04:05Z07:00" .t) }}
{{ duration .t }} {{ duration_seconds .t }}
{{ bytes .t }}
{{ __line__ | len }}
{{ __line__ | trunc 20 }}
{{ default "none" .t }} {{ .missing | default "gone" }} {{ default "x" .n }}
{{ .missing }}
<{{ .missing }}>{{ if .missing }}there{{ else }}absent{{ end }}
{{ if .t }}some{{ end }}
{{ if eq .t "Hello World" }}hello{{ else if eq .n "7" }}seven{{ else }}other{{ end }}
{{ if and .t .n }}both{{ end }} {{ if or .t .missing }}either{{ end }} {{ if not .t }}no text{{ end }}
{{ and .t .n }} {{ or .t .n }} {{ not .t }}
{{ eq .n "3" }} {{ ne .n "3" }} {{ lt .n "3" }} {{ le .n "3" }} {{ gt .n "3" }} {{ ge .n "3" }}
{{ eq .n "3" "7" }}
{{ lt (int .n) 5 }} {{ gt (float64 .f) 1.0 }}
{{ if gt (int .n) 3 }}big{{ end }}
{{ if gt .n 3 }}big{{ end }}
{{ $x := .t }}{{ $x }}-{{ $x | ToUpper }}
{{ $x := int .n }}{{ if gt $x 3 }}{{ $x = 0 }}{{ end }}{{ $x }}
{{ with .t }}with {{ . }}{{ else }}without{{ end }}
{{ range $i, $e := fromJson .t }}{{ $i }}={{ $e }};{{ end }}
{{ (fromJson .t).k }}
{{ with fromJson .t }}{{ .k }}{{ end }}
{{ range split "," .t }}[{{ . }}]{{ end }}
{{ define "T" }}x{{ end }}{{ template "T" }}
{{- .t -}}   x
  {{- .t }}  {{- .n -}}  |
{{/* a comment */}}{{ .t }}
{{ "text" }} {{ `raw` }} {{ 5 }} {{ 1.5 }} {{ true }}
{{ "quo\"ted" }} {{ "tab\t" }}
{{ ( .t | len ) }}
{{ html .t }} {{ js .t }} {{ urlquery .t }}
{{ index .t 0 }} {{ slice .t 1 2 }}
{{ .t | regexReplaceAll "o" "0" }}
{{ printf "%t" (contains "o" .t) }}
plain text without actions
{{ .job }} {{ .level }} {{ .action }} {{ .host }}
{{ .__error__ }}
{{ . }}
{{ nindent 4 "x" }}
{{ .t | trunc 5 | printf "%-8s<" }}
{{ printf "%s has %d" .t (len .t) }}
{{ mulf .f 100 | round 2 }}
{{ round (mulf .f 100) 2 }}
{{ divf (int .n) 7 | printf "%.4f" }}
{{ unixEpoch (toDate "2006-01-02" "2026-01-02") }}
{{ substr 5 2 .t }}
{{ sha256sum .t }}
{{ int64 .n }}
"""

LOGS = "\n".join(
    [f'{{action="tpl"}} | json | line_format `{line}`' for line in _ASKED.splitlines() if line and "`" not in line]
    + [
        f'{{action="tpl"}} | json | label_format z=`{line}` | keep z'
        for line in _ASKED.splitlines()[1:-1:4]
        if "`" not in line
    ]
    + [
        '{action="tpl"} | json | line_format "{{ `raw` }} {{ .t }}"',
        '{action="tpl"} | json | label_format z="{{.t}}", y="{{.z}}" | keep z, y',
        '{action="tpl"} | json | label_format z="{{ div .n 0 }}" | keep z, n',
        '{action="tpl"} | json | line_format "{{ div .n 0 }}" | __error__="TemplateFormatErr"',
        '{action="tpl"} | json | line_format "{{.t}}⏎{{.n}}"',
        '{action="heartbeat"} | json | line_format "{{.md_age_ms}} {{ divf .md_age_ms 1000 }}" | keep md_age_ms',
        '{action="quote_place"} | json | label_format d="{{ subf .price .vwap 0.07 }}" | keep d, price',
        '{action="order_ack"} | json | label_format slow="{{ if gt (float64 .latency_ms) 50.0 }}yes{{ else }}no{{ end }}" | keep slow',
        '{action="order_ack"} | json | label_format l="{{ round .latency_ms 1 }}", m="{{ mulf .latency_ms 1000 }}" | keep l, m',
        '{action="FILL"} | json | line_format "{{.market}} {{.side}} {{ mulf .price .size }}" | keep market',
    ]
)
