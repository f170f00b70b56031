"""OM101 to OM149: OpenModels of llmaz, and what Playgrounds and Services claim of them."""
