"""S7: inspections, repairs and weight limits for bridges whose condition is only partly seen."""
