"""LogQL: parsed, checked and compiled to DuckDB SQL. Pure: text in, text and values out."""
