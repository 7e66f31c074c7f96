# pass: aws_ec2_network_interface_source_dest_check
resource "aws_network_interface" "plain" {
  subnet_id = "subnet-0a1b2c3d"
  attachment {
    instance     = "i-0a1b2c3d4e5f60718"
    device_index = 1
  }
}

# fail: aws_ec2_network_interface_source_dest_check
resource "aws_network_interface" "router" {
  subnet_id         = "subnet-0a1b2c3d"
  source_dest_check = false
}

resource "aws_network_interface_attachment" "router" {
  instance_id          = "i-0b1b2c3d4e5f60718"
  network_interface_id = aws_network_interface.router.id
  device_index         = 1
}
