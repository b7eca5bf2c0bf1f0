// Package felixlog writes the log lines of Felix, and of Typha, which differ in the name of the program:
//
//	2026-11-23 18:14:26.466 [INFO][30101] felix/config_params.go 862: Parsed value for …
package felixlog

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Level is how grave a line is.
type Level int

// The levels, the gravest last.
const (
	Debug Level = iota
	Info
	Warning
	Error
	Fatal
)

var names = []string{"DEBUG", "INFO", "WARNING", "ERROR", "FATAL"}

// ParseLevel reads a level as LogSeverityScreen has it; what it does not know is Info.
func ParseLevel(text string) Level {
	for level, name := range names {
		if strings.EqualFold(text, name) {
			return Level(level)
		}
	}
	return Info
}

// Logger writes lines of at least its level. It may be used by several goroutines at once.
type Logger struct {
	mutex   sync.Mutex
	out     io.Writer
	level   Level
	program string
}

// New is a logger of Felix at level Info.
func New(out io.Writer) *Logger { return Of("felix", out) }

// Of is a logger of another program, at level Info.
func Of(program string, out io.Writer) *Logger {
	return &Logger{out: out, level: Info, program: program}
}

// SetLevel changes what is written from now on.
func (logger *Logger) SetLevel(level Level) {
	logger.mutex.Lock()
	defer logger.mutex.Unlock()
	logger.level = level
}

// Field is one "key=value" after the message. Texts are quoted, errors are not, as Felix does.
type Field struct {
	Key   string
	Value any
}

// Log writes one line. Place is the source file and line where real Felix says this.
func (logger *Logger) Log(level Level, place, message string, fields ...Field) {
	logger.mutex.Lock()
	defer logger.mutex.Unlock()
	if level < logger.level {
		return
	}
	var line strings.Builder
	fmt.Fprintf(&line, "%s [%s][%d] %s/%s: %s", time.Now().UTC().Format("2006-01-02 15:04:05.000"), names[level], os.Getpid(), logger.program, place, message)
	for _, field := range fields {
		switch value := field.Value.(type) {
		case string:
			fmt.Fprintf(&line, " %s=%q", field.Key, value)
		case error:
			fmt.Fprintf(&line, " %s=%s", field.Key, strings.ReplaceAll(value.Error(), "\n", " "))
		default:
			fmt.Fprintf(&line, " %s=%v", field.Key, value)
		}
	}
	line.WriteByte('\n')
	_, _ = io.WriteString(logger.out, line.String()) // nobody to tell when the log itself fails
}
