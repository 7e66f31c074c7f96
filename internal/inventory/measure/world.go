package measure

// Rows of the spool, written like those that EC2 and S3 answer with.

const rowHead = `{"account":"111122223333","partition":"aws","region":"us-east-1","at":"2026-01-15T12:00:00.123Z","doc":`

const instanceRow = rowHead + `{"AmiLaunchIndex":0,"ImageId":"ami-0c0ffee000000000","InstanceId":"i-0abcdef100000000",` +
	`"InstanceType":"m6i.large","KeyName":"deploy","LaunchTime":"2025-11-02T08:15:30Z","Monitoring":{"State":"disabled"},` +
	`"Placement":{"AvailabilityZone":"us-east-1a","GroupName":"","Tenancy":"default"},"PrivateDnsName":"ip-10-0-12-34.ec2.internal",` +
	`"PrivateIpAddress":"10.0.12.34","ProductCodes":[],"PublicDnsName":"ec2-198-51-100-7.compute-1.amazonaws.com","PublicIpAddress":"198.51.100.7",` +
	`"State":{"Code":16,"Name":"running"},"StateTransitionReason":"","SubnetId":"subnet-0aa0000000000000","VpcId":"vpc-0bb0000000000000",` +
	`"Architecture":"x86_64","BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"AttachTime":"2025-11-02T08:15:31Z","DeleteOnTermination":true,` +
	`"Status":"attached","VolumeId":"vol-0cc0000000000000"}}],"ClientToken":"","EbsOptimized":true,"EnaSupport":true,"Hypervisor":"xen",` +
	`"IamInstanceProfile":{"Arn":"arn:aws:iam::111122223333:instance-profile/web","Id":"AIPAEXAMPLE00000000"},"NetworkInterfaces":[{` +
	`"Association":{"IpOwnerId":"amazon","PublicDnsName":"ec2-198-51-100-7.compute-1.amazonaws.com","PublicIp":"198.51.100.7"},"Attachment":{` +
	`"AttachTime":"2025-11-02T08:15:30Z","AttachmentId":"eni-attach-00000000","DeleteOnTermination":true,"DeviceIndex":0,"Status":"attached"},` +
	`"Description":"","Groups":[{"GroupId":"sg-0dd0000000000000","GroupName":"web"}],"Ipv6Addresses":[],"MacAddress":"0a:00:00:00:00:01",` +
	`"NetworkInterfaceId":"eni-0ee0000000000000","OwnerId":"111122223333","PrivateIpAddress":"10.0.12.34","SourceDestCheck":true,"Status":"in-use"}],` +
	`"RootDeviceName":"/dev/xvda","RootDeviceType":"ebs","SecurityGroups":[{"GroupId":"sg-0dd0000000000000","GroupName":"web"},` +
	`{"GroupId":"sg-0ff0000000000000","GroupName":"ssh"}],"SourceDestCheck":true,"Tags":[{"Key":"Name","Value":"web-00000000"},` +
	`{"Key":"team","Value":"storefront"}],"VirtualizationType":"hvm","CpuOptions":{"CoreCount":1,"ThreadsPerCore":2},` +
	`"MetadataOptions":{"State":"applied","HttpTokens":"required","HttpPutResponseHopLimit":2,"HttpEndpoint":"enabled"},` +
	`"EnclaveOptions":{"Enabled":false},"PlatformDetails":"Linux/UNIX","UsageOperation":"RunInstances"}}`

const bucketRow = rowHead + `{"Name":"bucket-00000000","CreationDate":"2024-02-03T04:05:06Z","BucketRegion":"us-east-1",` +
	`"versioning":{"Status":"Enabled"},"policy":{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"TLS\",\"Effect\":\"Deny\",` +
	`\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":[\"arn:aws:s3:::bucket-00000000\",\"arn:aws:s3:::bucket-00000000/*\"],` +
	`\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}},{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"},` +
	`\"Action\":[\"s3:GetObject\",\"s3:ListBucket\"],\"Resource\":\"*\"}]}"},"block":{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,` +
	`"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}},"tagging":{"TagSet":[{"Key":"team","Value":"data"},` +
	`{"Key":"cost","Value":"4711"}]}},"unknown":{"encryption":"denied: s3:GetEncryptionConfiguration (AccessDenied: Access Denied)"}}`
