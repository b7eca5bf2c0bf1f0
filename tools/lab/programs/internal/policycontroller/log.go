package policycontroller

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// logger writes lines as Python's logging does: date, time with a comma before the milliseconds, process,
// level, message.
type logger struct {
	mutex sync.Mutex
	out   io.Writer
}

func (log *logger) line(level, format string, values ...any) {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	now := time.Now().UTC()
	_, _ = fmt.Fprintf(log.out, "%s,%03d %d %s %s\n", now.Format("2006-01-02 15:04:05"), now.Nanosecond()/1_000_000, os.Getpid(), level, fmt.Sprintf(format, values...))
}

func (log *logger) info(format string, values ...any) { log.line("INFO", format, values...) }

// notJSON is how it fails on an answer that is not JSON: a traceback that ends without a word of the
// answer.
func (log *logger) notJSON(kind string) {
	log.line("ERROR", `Unhandled exception killed %s manager
Traceback (most recent call last):
  File "<string>", line 304, in _manage_resource
  File "<string>", line 441, in _sync_resources
  File "site-packages/requests/models.py", line 866, in json
  File "site-packages/simplejson/__init__.py", line 516, in loads
  File "site-packages/simplejson/decoder.py", line 404, in raw_decode
JSONDecodeError: Expecting value: line 1 column 1 (char 0)`, kind)
}
