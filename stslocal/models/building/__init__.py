"""Makes models from what their publishers give: reads, converts, trims. Knows no network."""
