{{ world_figures('production') }}
