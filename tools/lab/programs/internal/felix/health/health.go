// Package health is Felix's health endpoint: /liveness and /readiness with a table of reporters.
package health

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Reporters of Felix, and how long each may be silent before it counts as dead (0: for ever).
const (
	CalculationGraph = "CalculationGraph"
	FelixStartup     = "FelixStartup"
	Dataplane        = "InternalDataplaneMainLoop"
)

var timeouts = map[string]time.Duration{
	CalculationGraph: 30 * time.Second,
	FelixStartup:     0,
	Dataplane:        90 * time.Second,
}

type report struct {
	ready  bool
	detail string
	at     time.Time
}

// Aggregator collects the reports. It may be used by several goroutines at once.
type Aggregator struct {
	mutex   sync.Mutex
	reports map[string]report
}

// NewAggregator has the reporter of the start, live and not ready; others are there from their first report on.
func NewAggregator() *Aggregator {
	aggregator := &Aggregator{reports: make(map[string]report)}
	aggregator.Report(FelixStartup, false, "")
	return aggregator
}

// Report says that a reporter lives, and whether it is ready.
func (aggregator *Aggregator) Report(name string, ready bool, detail string) {
	aggregator.mutex.Lock()
	defer aggregator.mutex.Unlock()
	aggregator.reports[name] = report{ready, detail, time.Now()}
}

// Handler answers 200 or 503 with the table.
func (aggregator *Aggregator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/liveness", func(response http.ResponseWriter, _ *http.Request) {
		live, _, table := aggregator.summary()
		answer(response, live, table)
	})
	mux.HandleFunc("/readiness", func(response http.ResponseWriter, _ *http.Request) {
		_, ready, table := aggregator.summary()
		answer(response, ready, table)
	})
	return mux
}

func answer(response http.ResponseWriter, good bool, table string) {
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !good {
		response.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = fmt.Fprint(response, table) // the client may be gone
}

func (aggregator *Aggregator) summary() (live, ready bool, table string) {
	aggregator.mutex.Lock()
	defer aggregator.mutex.Unlock()
	live, ready = true, true
	rows := [][]string{{"COMPONENT", "TIMEOUT", "LIVENESS", "READINESS", "DETAIL"}}
	var names []string
	for name := range aggregator.reports {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		report, timeout := aggregator.reports[name], timeouts[name]
		row := []string{name, "-", "reporting live", "reporting ready", report.detail}
		if timeout > 0 {
			row[1] = timeout.String()
		}
		if !report.ready {
			row[3], ready = "reporting non-ready", false
		}
		if timeout > 0 && time.Since(report.at) > timeout {
			row[2], row[3], live, ready = "timed out", "timed out", false, false
		}
		rows = append(rows, row)
	}
	return live, ready, drawTable(rows)
}

// drawTable draws the first row as a head, with lines of + and - around.
func drawTable(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for column, cell := range row {
			widths[column] = max(widths[column], len(cell))
		}
	}
	rule := "+"
	for _, width := range widths {
		rule += strings.Repeat("-", width+2) + "+"
	}
	lines := []string{rule}
	for number, row := range rows {
		line := "|"
		for column, cell := range row {
			line += fmt.Sprintf(" %-*s |", widths[column], cell)
		}
		lines = append(lines, line)
		if number == 0 {
			lines = append(lines, rule)
		}
	}
	return strings.Join(append(lines, rule), "\n")
}
