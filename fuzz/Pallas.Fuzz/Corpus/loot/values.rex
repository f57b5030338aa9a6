* foo=5
* (bar a b)=(a b)
* [foo %text {a text} x#00ff b#{} #[a=1 2=[]] %[1 2] (1 2 0-3)]
