"""The linear n-gram model beside a network, and calibration."""
