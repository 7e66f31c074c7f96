# Stance. `make run` and `make test` are all that a newcomer needs; they set up what they use.
GO       ?= go
TOOL      = $(GO) tool -modfile=tools/go.mod
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS   = -s -w -X main.version=$(VERSION)
PACKAGES  = ./...
INPUTS  ?= 20000x

.PHONY: help build run test setup lint vuln bench generate fuzz clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

build: ## build bin/stance
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/stance ./cmd/stance

run: build ## build, then scan the recorded cloud that is in the binary
	./bin/stance demo

setup: ## fetch what the tests use beside Go: moto, pyarrow, a browser, a Kubernetes API server, Helm
	./test/setup.sh

test: setup ## run all tests
	$(GO) test -timeout 30m $(PACKAGES)
	$(GO) run ./cmd/stance test
	@# Two tests that walk all content, one sample after the other, have run already: the detector would take minutes to find nothing new.
	$(GO) test -timeout 30m -race -skip '^(TestEveryCheckThatCodeCanAnswerPassesAndFailsInSamples|TestRowsChangeOnlyWhatTheyConcern)$$' ./internal/collect/... ./internal/replay/... ./internal/provider/aws ./internal/provider/aws/wire ./internal/scan ./internal/lake
	$(MAKE) --no-print-directory fuzz

fuzz: ## run each fuzz target on $(INPUTS) inputs
	./test/fuzz.sh $(INPUTS)

lint: ## formatting and static checks of the code, and all proofs of the content
	@test -z "$$($(TOOL) gofumpt -l cmd internal content test | tee /dev/stderr)" || { echo 'run: go tool -modfile=tools/go.mod gofumpt -w .'; exit 1; }
	$(TOOL) golangci-lint run $(PACKAGES)
	@# A module of its own. What the linter keeps of files without their paths must not be taken for those of another checkout.
	linter=$$($(TOOL) -n golangci-lint) && cd test/kube && GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint GOFLAGS="$$($(GO) env GOFLAGS) -trimpath" $$linter run ./...
	linter=$$($(TOOL) -n golangci-lint) && cd test/helm && $$linter run ./... # another
	$(GO) run ./cmd/stance lint content
	@$(MAKE) --no-print-directory vuln

vuln: ## look for known vulnerabilities, if the database can be reached
	@if curl -sfIm 10 https://vuln.go.dev/index/db.json >/dev/null 2>&1; then $(TOOL) govulncheck $(PACKAGES); \
	else echo 'govulncheck: the vulnerability database cannot be reached from here; not checked'; fi

bench: ## measure, and print counts and ratios
	./test/bench.sh

generate: ## make every generated file anew: API descriptions, the content pack, docs, the recorded cloud
	$(GO) generate ./...

clean: ## remove what was built
	rm -rf bin
