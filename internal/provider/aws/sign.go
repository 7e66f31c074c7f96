package aws

import (
	"context"
	"crypto/md5" //nolint:gosec // the vendor asks for it as a checksum, not as a signature
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// unsignedPayload stands for the body's hash where the body is not signed.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// sign signs a request as the operation wants it.
func (p *Provider) sign(ctx context.Context, op *wire.Operation, request *http.Request, body []byte, to *target, creds aws.Credentials) error {
	if op.Model.ChecksumRequired && len(body) > 0 {
		sum := md5.Sum(body) //nolint:gosec // see the import
		request.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	}
	if op.Model.AuthType == "none" || slices.Contains(op.Model.Auth, "smithy.api#noAuth") {
		return nil
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if op.Model.AuthType == "v4-unsigned-body" {
		hash = unsignedPayload
	}
	var options []func(*v4.SignerOptions)
	switch to.signingName {
	case "s3", "s3express", "s3-outposts", "s3-object-lambda":
		request.Header.Set("X-Amz-Content-Sha256", hash)
		options = append(options, func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	}
	if err := p.signer.SignHTTP(ctx, creds, request, hash, to.signingName, to.region, p.now(), options...); err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	return nil
}

// maxSkew is how far two clocks may differ before signatures fail for that reason.
const maxSkew = 4 * time.Minute

// skewCodes are errors that a wrong clock causes; each may have other causes too.
var skewCodes = map[string]bool{
	"RequestTimeTooSkewed": true, "RequestInTheFuture": true, "RequestExpired": true,
	"SignatureDoesNotMatch": true, "InvalidSignatureException": true, "AuthFailure": true, "AccessDeniedException": true,
}

// correctClock sets our clock by the vendor's if that may be why a request was refused, and says whether it did.
func (p *Provider) correctClock(code string, got *provider.Received) bool {
	if !skewCodes[code] {
		return false
	}
	theirs, err := http.ParseTime(got.Response.Header.Get("Date"))
	if err != nil {
		return false
	}
	used := got.Sent.Add(time.Duration(p.skew.Load()))
	if off := theirs.Sub(used); off < maxSkew && off > -maxSkew {
		return false
	}
	p.skew.Store(int64(theirs.Sub(got.Sent)))
	p.log.Warn("this computer's clock is wrong: requests are signed with the time of the cloud", "off_by", got.Sent.Sub(theirs).Round(time.Second).String())
	return true
}
