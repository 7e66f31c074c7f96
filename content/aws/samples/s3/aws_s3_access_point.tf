# pass: aws_s3_access_point_block_complete, aws_s3_access_point_vpc_only
resource "aws_s3_access_point" "inside" {
  name   = "inside"
  bucket = "example-orders"
  vpc_configuration {
    vpc_id = "vpc-0a"
  }
}

# fail: aws_s3_access_point_block_complete, aws_s3_access_point_vpc_only
resource "aws_s3_access_point" "outside" {
  name   = "outside"
  bucket = "example-orders"
  public_access_block_configuration {
    block_public_policy     = false
    restrict_public_buckets = false
  }
}
