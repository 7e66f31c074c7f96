package content

import (
	"fmt"
	"slices"
)

// longestGuess bounds the cost of a guess: longer words are not names that a person mistyped.
const longestGuess = 100

// DidYouMean gives a hint that names the known word nearest to a mistyped one, or nothing if none is near.
func DidYouMean(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// Nearest gives the known word that is nearest to a mistyped one, or "" if none is near enough. Of equally near ones the
// first in the alphabet is taken.
func Nearest(word string, known []string) string {
	if word == "" || len(word) > longestGuess {
		return ""
	}
	best, least := "", max(1, len(word)/3)+1
	for _, candidate := range known {
		if candidate == word || len(candidate) > longestGuess {
			continue
		}
		d := editDistance(word, candidate, least)
		if d < least || (d == least && best != "" && candidate < best) {
			best, least = candidate, d
		}
	}
	return best
}

// editDistance counts the letters to change, add, drop or swap with their neighbor, without regard to case. It may give
// up once the count is above the limit.
func editDistance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	x, y := []byte(a), []byte(b)
	before, above := make([]int, len(y)+1), make([]int, len(y)+1)
	row := make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if lower(x[i-1]) == lower(y[j-1]) {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && lower(x[i-1]) == lower(y[j-2]) && lower(x[i-2]) == lower(y[j-1]) {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		if slices.Min(row) > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return above[len(y)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
