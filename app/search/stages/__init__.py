"""What may be done with the fused list before a page is cut: look again, spread out, sort, group."""
