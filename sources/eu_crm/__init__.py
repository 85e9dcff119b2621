"""EU study on critical raw materials: supply shares, supply risk, economic importance, end uses."""
