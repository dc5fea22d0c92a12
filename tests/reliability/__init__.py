"""What must never happen, tried: processes killed, power cut, disks that fail or are full, bits that flip.

The short form is a part of the tests; `make reliability` runs the long one and prints its figures."""
