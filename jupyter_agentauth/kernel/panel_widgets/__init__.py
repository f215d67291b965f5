"""The panel's sections, each a few of ipywidgets' own widgets that show the state."""
