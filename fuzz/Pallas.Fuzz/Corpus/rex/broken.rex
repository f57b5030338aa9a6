(a (b)
"open
{x {y}
} line
  | 	 é
