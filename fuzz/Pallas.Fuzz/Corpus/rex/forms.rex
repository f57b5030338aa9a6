= (foo x y)
| if x
    } a text
    } of lines
y

(a + b + (c - d) * e)
[1 2 {three} "four" }_five_ -six seven-eight f(x)(y)]
| x | y | z ; a note
