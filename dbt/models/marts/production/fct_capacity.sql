{{ world_figures('capacity') }}
