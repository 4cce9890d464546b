"""Reading the tables that people keep in a spreadsheet, and publishing them as signed records."""
