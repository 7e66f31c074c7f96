package api

import (
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct{ service, partition, region, url, sign string }{
		{"ec2", "aws", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com", "eu-west-1"},
		{"ec2", "aws-cn", "cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"ec2", "aws-us-gov", "us-gov-east-1", "https://ec2.us-gov-east-1.amazonaws.com", "us-gov-east-1"},
		{"s3", "aws", "us-east-1", "https://s3.us-east-1.amazonaws.com", "us-east-1"},
		{"s3control", "aws", "eu-central-1", "https://s3-control.eu-central-1.amazonaws.com", "eu-central-1"},
		{"iam", "aws", "eu-west-1", "https://iam.amazonaws.com", "us-east-1"},
		{"iam", "aws", "", "https://iam.amazonaws.com", "us-east-1"},
		{"iam", "aws-cn", "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"iam", "aws-us-gov", "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
		{"organizations", "aws", "ap-south-1", "https://organizations.us-east-1.amazonaws.com", "us-east-1"},
		{"organizations", "aws-cn", "cn-north-1", "https://organizations.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
		{"organizations", "aws-us-gov", "", "https://organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
		{"route53", "aws", "eu-west-1", "https://route53.amazonaws.com", "us-east-1"},
		{"route53", "aws-cn", "cn-north-1", "https://route53.amazonaws.com.cn", "cn-northwest-1"},
		{"route53", "aws-us-gov", "us-gov-west-1", "https://route53.us-gov.amazonaws.com", "us-gov-west-1"},
		{"cloudfront", "aws", "", "https://cloudfront.amazonaws.com", "us-east-1"},
		{"cloudfront", "aws-cn", "cn-north-1", "https://cloudfront.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
		{"globalaccelerator", "aws", "", "https://globalaccelerator.us-west-2.amazonaws.com", "us-west-2"},
		{"sts", "aws", "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1"},
		{"sts", "aws", "", "https://sts.us-east-1.amazonaws.com", "us-east-1"},
		{"ecr", "aws", "eu-west-1", "https://api.ecr.eu-west-1.amazonaws.com", "eu-west-1"},
		{"cloudwatch", "aws", "eu-west-1", "https://monitoring.eu-west-1.amazonaws.com", "eu-west-1"},
		{"s3vectors", "aws", "eu-west-1", "https://s3vectors.eu-west-1.api.aws", "eu-west-1"},
		{"geo-maps", "aws", "eu-west-1", "https://maps.geo.eu-west-1.amazonaws.com/v2", "eu-west-1"},
		{"iot-data", "aws-cn", "cn-north-1", "https://data.ats.iot.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"iot-data", "aws-cn", "cn-northwest-1", "https://data-ats.iot.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
		{"sustainability", "aws", "eu-west-1", "https://api.sustainability.eu-west-1.api.aws", "us-east-1"},
		{"ec2", "aws", "eu-moon-1", "https://ec2.eu-moon-1.amazonaws.com", "eu-moon-1"}, // a region newer than the data
	} {
		got, err := Endpoints().Resolve(c.service, c.partition, c.region)
		if err != nil || got.URL != c.url || got.SigningRegion != c.sign {
			t.Errorf("%s in %s/%s: %+v, %v; want %s for %s", c.service, c.partition, c.region, got, err, c.url, c.sign)
		}
		if got.Dual != strings.Contains(c.url, "api.aws") {
			t.Errorf("%s: dual is %v", c.service, got.Dual)
		}
	}
}

func TestEveryServiceResolvesEverywhere(t *testing.T) {
	e := Endpoints()
	for _, service := range Names() {
		for _, p := range e.Partitions() {
			for _, region := range append([]string{""}, p.Regions...) {
				got, err := e.Resolve(service, p.Name, region)
				if err != nil || strings.ContainsAny(got.URL, "{} ") || got.SigningRegion == "" {
					t.Errorf("%s in %s/%s: %+v, %v", service, p.Name, region, got, err)
				}
			}
		}
	}
}

func TestResolveRefusesUnknownNames(t *testing.T) {
	if _, err := Endpoints().Resolve("ec3", "aws", "eu-west-1"); err == nil || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("service: %v", err)
	}
	if _, err := Endpoints().Resolve("ec2", "aws-china", "cn-north-1"); err == nil {
		t.Error("partition aws-china exists")
	}
}

func TestScanOnce(t *testing.T) {
	for _, c := range []struct{ service, partition, region string }{
		{"iam", "aws", "us-east-1"},
		{"iam", "aws-cn", "cn-north-1"},
		{"route53", "aws", "us-east-1"},
		{"cloudfront", "aws", "us-east-1"},
		{"organizations", "aws-us-gov", "us-gov-west-1"},
		{"shield", "aws", "us-east-1"},
		{"globalaccelerator", "aws", "us-west-2"},
		{"networkmanager", "aws", "us-west-2"},
		{"health", "aws", "us-east-1"},
		{"route53domains", "aws", "us-east-1"},
		{"ec2", "aws", ""},
		{"s3", "aws", ""},
		{"sts", "aws", ""},
	} {
		region, once := Endpoints().ScanOnce(c.service, c.partition)
		if region != c.region || once != (c.region != "") {
			t.Errorf("%s in %s: %q, %v; want %q", c.service, c.partition, region, once, c.region)
		}
	}
}

func TestRegionExists(t *testing.T) {
	for _, c := range []struct {
		partition, service, region string
		known, exists              bool
	}{
		{"aws", "ec2", "eu-west-1", true, true},
		{"aws", "iam", "eu-west-1", true, true}, // one endpoint, for all regions
		{"aws", "globalaccelerator", "us-west-2", true, true},
		{"aws", "globalaccelerator", "eu-west-1", true, false},
		{"aws", "route53domains", "eu-west-1", true, false},
		{"aws", "lightsail", "af-south-1", true, false},
		{"aws-cn", "ec2", "cn-north-1", true, true},
		{"aws-cn", "ec2", "eu-west-1", false, false}, // not a region of that partition
		{"aws", "ec2", "eu-moon-1", false, false},    // newer than the data
		{"aws", "s3vectors", "eu-west-1", false, false},
		{"aws", "nothing", "eu-west-1", false, false},
	} {
		if known, exists := RegionExists(c.partition, c.service, c.region); known != c.known || exists != c.exists {
			t.Errorf("%s in %s/%s: known %v, exists %v; want %v, %v", c.service, c.partition, c.region, known, exists, c.known, c.exists)
		}
	}
}

func TestPartitions(t *testing.T) {
	e := Endpoints()
	if p, ok := e.Partition("aws"); !ok || len(p.Regions) < 34 || p.DNS != "amazonaws.com" {
		t.Errorf("aws: %+v", p)
	}
	for region, want := range map[string]string{
		"eu-west-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn", "us-iso-east-1": "aws-iso", "eu-moon-7": "aws",
		"eusc-de-east-1": "aws-eusc", "nowhere": "",
	} {
		if p, ok := e.PartitionOf(region); p.Name != want || ok != (want != "") {
			t.Errorf("%s is in %q", region, p.Name)
		}
	}
}
