-- Questions about addresses and ports.

-- Whether an address range is the whole internet.
-- Both families count.
CREATE MACRO is_internet(cidr) AS
  cidr IN ('0.0.0.0/0', '::/0'); -- no; really
-- test: is_internet('0.0.0.0/0') => true
-- test: is_internet('a => b;') => false

-- Whether a range of ports holds one.
CREATE MACRO holds_port(low, high, port) AS port BETWEEN low AND high;
-- test: holds_port(low := 20, high := 25, port := 22) => true
