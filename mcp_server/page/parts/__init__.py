"""What views are put together from: drawings, room for texts, and what their forms need to know."""
