"""What else the `backdrop` command says: training and operating, curation, planning, the doctor, the studio."""
