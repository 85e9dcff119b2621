{{ world_figures('reserve') }}
