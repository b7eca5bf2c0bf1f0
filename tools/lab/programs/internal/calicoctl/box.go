package calicoctl

import (
	"fmt"
	"io"
	"strings"
)

// printBox draws a table with a frame. The columns from rightFrom on have their values (not
// their headings) at the right.
func printBox(out io.Writer, headings []string, rows [][]string, rightFrom int) {
	widths := make([]int, len(headings))
	for _, row := range append([][]string{headings}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var border strings.Builder
	for _, width := range widths {
		border.WriteString("+" + strings.Repeat("-", width+2))
	}
	frame := border.String() + "+"
	line := func(row []string, right bool) {
		for i, cell := range row {
			if right && i >= rightFrom {
				fmt.Fprintf(out, "| %*s ", widths[i], cell)
			} else {
				fmt.Fprintf(out, "| %-*s ", widths[i], cell)
			}
		}
		fmt.Fprintln(out, "|")
	}
	fmt.Fprintln(out, frame)
	line(headings, false)
	fmt.Fprintln(out, frame)
	for _, row := range rows {
		line(row, true)
	}
	if len(rows) > 0 {
		fmt.Fprintln(out, frame)
	}
}
