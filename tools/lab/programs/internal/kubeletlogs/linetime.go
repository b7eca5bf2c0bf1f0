package kubeletlogs

import (
	"regexp"
	"strconv"
	"time"
)

var (
	dated = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})`)
	klog  = regexp.MustCompile(`^[IWEF](\d{2})(\d{2}) (\d{2}:\d{2}:\d{2})`)
)

// lineTime reads the time at the beginning of a line of Calico ("2026-11-23 18:11:22.810 …")
// or of klog ("E1123 18:11:22.965010 …", which leaves the year out), both in local time.
func lineTime(line string, now time.Time) (time.Time, bool) {
	text := ""
	if found := dated.FindStringSubmatch(line); found != nil {
		text = found[1] + " " + found[2]
	} else if found := klog.FindStringSubmatch(line); found != nil {
		text = strconv.Itoa(now.Year()) + "-" + found[1] + "-" + found[2] + " " + found[3]
	} else {
		return time.Time{}, false
	}
	parsed, err := time.ParseInLocation(time.DateTime, text, now.Location())
	return parsed, err == nil
}

// since drops the lines before the moment. A line without a time has that of the line before;
// lines before the first time are kept, since nothing says that they are old.
func since(lines []string, moment, now time.Time) []string {
	old := false
	var kept []string
	for _, line := range lines {
		if at, ok := lineTime(line, now); ok {
			old = at.Before(moment.Truncate(time.Second))
		}
		if !old {
			kept = append(kept, line)
		}
	}
	return kept
}
