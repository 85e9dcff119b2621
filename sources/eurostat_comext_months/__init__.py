"""Eurostat Comext by month: imports of the EU's members by partner at eight digits of the Combined Nomenclature."""
