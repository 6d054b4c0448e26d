"""What a lesson runs on: this machine, its files, the network and the Hub."""
