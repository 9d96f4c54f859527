"""What every room needs: errors for unknown names, files written whole, several processes, a cage."""
