package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/report"
)

// plain are the characters that a shell leaves alone.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+%"

// quote writes a word so that a shell reads it as it is.
func quote(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// lakeFlag is what a command must be given to read the lake at a location, empty if it reads that by itself.
func (a *app) lakeFlag(location string) string {
	if byDefault, err := a.defaultLake(); err == nil && location == byDefault {
		return ""
	}
	return " --lake " + quote(location)
}

// calledBy is what a shell finds this program by: stance, if that is where the PATH leads, else what it was called by.
func calledBy(path string) string {
	if !strings.ContainsRune(path, filepath.Separator) {
		return "stance"
	}
	found, err := exec.LookPath("stance")
	if err != nil {
		return quote(path)
	}
	there, err1 := os.Stat(found)
	here, err2 := os.Stat(path)
	if err1 != nil || err2 != nil || !os.SameFile(there, here) {
		return quote(path)
	}
	return "stance"
}

// reading is a command that reads the same lake as this one.
func (a *app) reading(command string) string {
	command = a.program + " " + command
	location, err := a.lakeLocation()
	if err != nil {
		return command
	}
	return command + a.lakeFlag(location)
}

// contentFlags are what a command must be given to know the same content.
func (a *app) contentFlags() string {
	flags := ""
	for _, folder := range a.content {
		flags += " --content " + quote(folder)
	}
	if a.settings != "" {
		flags += " --settings " + quote(a.settings)
	}
	return flags
}

// hints says how commands that go on from here are to be written.
func (a *app) hints(location, scanID string) report.Hints {
	reading := a.lakeFlag(location)
	if scanID != "" {
		reading += " --scan " + quote(scanID)
	}
	return report.Hints{Off: a.quiet, Program: a.program, Reading: reading, Content: a.contentFlags()}
}

// absolute is a location that means the same in every working directory.
func absolute(location string) string {
	if strings.Contains(location, "://") {
		return location
	}
	abs, err := filepath.Abs(location)
	if err != nil {
		return location
	}
	return abs
}
