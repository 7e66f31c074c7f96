package pdf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// metadata is XMP, which readers of archives want beside the older form.
const metadata = `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format><dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator><dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language><xmp:CreatorTool>%s</xmp:CreatorTool><pdf:Producer>%[5]s</pdf:Producer>
<xmp:CreateDate>%[6]s</xmp:CreateDate><xmp:ModifyDate>%[6]s</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`

func (d *Document) writeMetadata() ref {
	escape := func(s string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	i := d.info
	r := d.alloc()
	if d.out != nil {
		d.plain(r, "/Type/Metadata/Subtype/XML", fmt.Appendf(nil, metadata, escape(i.Title), escape(i.Author), escape(i.Subject), escape(i.Language),
			escape(i.Producer), i.Created.UTC().Format(time.RFC3339)))
	}
	return r
}
