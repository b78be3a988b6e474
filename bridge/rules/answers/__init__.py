"""What goes to customers: which of agents' messages, when and how, how that ends; and what the bridge says by itself."""
