"""The unit of work: a service request, fault, complaint or enquiry from report to closing."""
