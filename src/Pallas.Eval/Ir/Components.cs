namespace Pallas.Eval;

/// <summary>Strongly connected components of a small graph.</summary>
internal static class Components
{
    /// <returns>Groups of nodes; a group comes after those that it has edges to.</returns>
    public static List<List<int>> Find(int count, List<int>[] edges)
    {
        var result = new List<List<int>>();
        var (order, low) = (new int[count], new int[count]);
        var isOpen = new bool[count];
        var open = new Stack<int>();
        var path = new Stack<(int Node, int Edge)>();
        var next = 1;
        for (var root = 0; root < count; root++)
        {
            if (order[root] == 0)
                path.Push((root, 0));
            while (path.TryPop(out var step))
            {
                var (node, edge) = step;
                if (edge == 0)
                {
                    order[node] = low[node] = next++;
                    open.Push(node);
                    isOpen[node] = true;
                }
                else
                {
                    low[node] = Math.Min(low[node], Lowest(edges[node][edge - 1], isOpen, low));
                }
                if (edge < edges[node].Count)
                {
                    path.Push((node, edge + 1));
                    if (order[edges[node][edge]] == 0)
                        path.Push((edges[node][edge], 0));
                }
                else if (low[node] == order[node])
                {
                    result.Add(Close(node, open, isOpen));
                }
            }
        }
        return result;
    }

    private static int Lowest(int node, bool[] isOpen, int[] low) =>
        isOpen[node] ? low[node] : int.MaxValue;

    private static List<int> Close(int root, Stack<int> open, bool[] isOpen)
    {
        var group = new List<int>();
        int node;
        do
        {
            node = open.Pop();
            isOpen[node] = false;
            group.Add(node);
        }
        while (node != root);
        return group;
    }
}
