package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac/schema"
)

// script is what the source's generator makes of a type aws_shop, cut to what is read.
const script = `
function shopDoorToHclTerraform(struct) {
    if (!cdktf.canInspect(struct)) {
        return struct;
    }
    const attrs = {
        wide: {
            value: struct.wide === undefined ? null : cdktf.booleanToHclTerraform(struct.wide),
            isBlock: false,
            type: "simple",
            storageClassType: "boolean",
        },
    };
    return attrs;
}
class ShopDoorOutputReference extends cdktf.ComplexObject {
    get wide() {
        return this.getBooleanAttribute('wide');
    }
    // Temporarily expose input value. Use with caution.
    get wideInput() {
        return this._wide;
    }
    // key - computed: true, optional: false, required: false
    get key() {
        return this.getStringAttribute('key');
    }
}
class ShopDoorList extends cdktf.ComplexList {
    get(index) {
        return new ShopDoorOutputReference(this.terraformResource, this.terraformAttribute, index, this.wrapsSet);
    }
}
class Shop extends cdktf.TerraformResource {
    constructor(scope, id, config = {}) {
        super(scope, id, {
            terraformResourceType: 'aws_shop',
        });
        // back - computed: true, optional: true, required: false
        this._back = new ShopDoorList(this, "back", true);
        // front - computed: false, optional: false, required: true
        this._front = new ShopDoorOutputReference(this, "front");
        // seen - computed: true, optional: false, required: false
        this._seen = new index_structs_1.ShopDoorList(this, "seen", false);
        // marks - computed: true, optional: false, required: false
        this._marks = new cdktf.StringMap(this, "marks");
    }
    get back() {
        return this._back;
    }
    resetBack() {
        this._back.internalValue = undefined;
    }
    get front() {
        return this._front;
    }
    get seen() {
        return this._seen;
    }
    get nameAttribute() {
        return this.getStringAttribute('name');
    }
    get secret() {
        return this.getStringAttribute('secret');
    }
    resetSecret() {
        this._secret = undefined;
    }
    get shelves() {
        return cdktf.Fn.tolist(this.getListAttribute('shelves'));
    }
    get sizes() {
        return cdktf.Token.asNumberList(cdktf.Fn.tolist(this.getNumberListAttribute('sizes')));
    }
    resetSizes() {
        this._sizes = undefined;
    }
    synthesizeAttributes() {
        return {
            name: cdktf.stringToTerraform(this._name),
        };
    }
    synthesizeHclAttributes() {
        const attrs = {
            name: {
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            secret: {
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            sizes: {
                isBlock: false,
                type: "set",
                storageClassType: "numberList",
            },
            back: {
                isBlock: true,
                type: "set",
                storageClassType: "ShopDoorList",
            },
            front: {
                isBlock: true,
                type: "list",
                storageClassType: "ShopDoorList",
            },
        };
    }
}
`

// declarations are what the second source has of the same.
const resourceDeclarations = `
export declare class Shop extends pulumi.CustomResource {
    /**
     * The name: "x: y;"
     */
    readonly name: pulumi.Output<string>;
    readonly secret: pulumi.Output<string | undefined>;
    readonly sizes: pulumi.Output<number[]>;
    readonly marks: pulumi.Output<{
        [key: string]: string;
    }>;
    readonly front: pulumi.Output<outputs.mall.ShopDoor>;
    readonly backs: pulumi.Output<outputs.mall.ShopDoor[]>;
    constructor(name: string, args: ShopArgs, opts?: pulumi.CustomResourceOptions);
}
export interface ShopArgs {
    name: pulumi.Input<string>;
    secret?: pulumi.Input<string | undefined>;
    sizes?: pulumi.Input<pulumi.Input<number>[] | undefined>;
    front: pulumi.Input<inputs.mall.ShopDoor>;
    backs?: pulumi.Input<pulumi.Input<inputs.mall.ShopDoor>[] | undefined>;
}
`

const structDeclarations = `
export declare namespace mall {
    interface ShopDoor {
        /**
         * Whether it is wide.
         */
        wide%s: boolean;
    }
}
`

func secondSource() *sdk {
	s := &sdk{inputs: structs{}, outputs: structs{}}
	s.inputs.read(strings.ReplaceAll(structDeclarations, "%s", "?"))
	s.outputs.read(strings.ReplaceAll(structDeclarations, "%s", ""))
	shop := readResource(resourceDeclarations)
	shop.module, shop.name = "mall", "shop"
	shop.secrets = readSecrets(`const secretOpts = { additionalSecretOutputs: ["secret"] };`)
	s.resources = []*sdkResource{{module: "mall", name: "other"}, shop}
	return s
}

func TestATypeIsReadFromBothSources(t *testing.T) {
	f := newFolder()
	if err := f.read(script); err != nil {
		t.Fatal(err)
	}
	s, l := secondSource(), &library{}
	twin := s.twin(f)
	if twin == nil || twin.name != "shop" {
		t.Fatalf("the twin is %+v", twin)
	}
	b := &typeBuilder{folder: f, library: l, sdk: s, twin: pair(twin.args, twin.state, twin.secrets)}
	if err := b.build(); err != nil {
		t.Fatal(err)
	}
	text := schema.Shape{Kind: schema.KindString}
	door := &schema.Shape{Kind: schema.KindStruct, Struct: 0}
	want := []*schema.Type{{Name: "aws_shop", Attributes: []*schema.Attribute{
		{Name: "back", Shape: schema.Shape{Kind: schema.KindSet, Elem: door}, Filled: true},
		{Name: "front", Shape: schema.Shape{Kind: schema.KindList, Elem: door}, Block: true, One: true, Required: true},
		{Name: "marks", Shape: schema.Shape{Kind: schema.KindMap, Elem: &text}, Computed: true},
		{Name: "name", Shape: text, Required: true},
		{Name: "secret", Shape: text, Sensitive: true},
		{Name: "seen", Shape: schema.Shape{Kind: schema.KindList, Elem: door}, Computed: true},
		{Name: "shelves", Shape: schema.Shape{Kind: schema.KindSet, Elem: &text}, Computed: true},
		{Name: "sizes", Shape: schema.Shape{Kind: schema.KindSet, Elem: &schema.Shape{Kind: schema.KindNumber}}, Filled: true},
	}}}
	if diff := cmp.Diff(want, l.types); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wide := &schema.Attribute{Name: "wide", Shape: schema.Shape{Kind: schema.KindBoolean}, Required: true}
	key := &schema.Attribute{Name: "key", Shape: text, Computed: true}
	if diff := cmp.Diff([]*schema.Attribute{key, wide}, l.structs[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATypeWithoutATwinHasNone(t *testing.T) {
	f := newFolder()
	if err := f.read(strings.ReplaceAll(script, "aws_shop", "aws_stall")); err != nil {
		t.Fatal(err)
	}
	s := secondSource()
	s.resources = s.resources[:1]
	if twin := s.twin(f); twin != nil {
		t.Errorf("the twin is %+v", twin)
	}
}

func TestScriptsThatAreNotUnderstoodAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, anew, want string }{
		"another base class":    {"cdktf.ComplexList", "cdktf.ComplexBag", "class ShopDoorList is a ComplexBag"},
		"another kind":          {`storageClassType: "boolean"`, `storageClassType: "moment"`, `the type "moment" is not understood`},
		"a class is missing":    {"class ShopDoorOutputReference", "class ShopGateOutputReference", "there is no class ShopDoorOutputReference"},
		"a function is missing": {"function shopDoorToHcl", "function shopGateToHcl", "there is no function shopDoor"},
		"no way to read it":     {"getBooleanAttribute('wide')", "getIt('wide')", "ShopDoorOutputReference.wide can be written and not read"},
		"a contradiction":       {"    resetBack() {", "    resetFront() {", "the source says both"},
		"a map of what":         {"new cdktf.StringMap", "new cdktf.MomentMap", "a MomentMap is not understood"},
		"a list that is none":   {`storageClassType: "numberList"`, `storageClassType: "number"`, "a number is no set"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder()
			err := f.read(strings.ReplaceAll(script, c.old, c.anew))
			if err == nil {
				err = (&typeBuilder{folder: f, library: &library{}, sdk: secondSource()}).build()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestNamesWithoutTheirSpelling(t *testing.T) {
	for name, want := range map[string]string{
		"cidr_blocks": "cidrblock", "cidrBlocks": "cidrblock", "policies": "policy", "addresses": "address", "access": "access", "branches": "branch", "kmsKeyId": "kmskeyid",
	} {
		if got := singular(plain(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
