namespace Pallas.Cli;

/// <summary>What <c>pallas</c> alone prints above the list of commands.</summary>
internal static class Overview
{
    public const string Text = """
        Pallas: an application is its database.

        Write one pure function, boot it into a machine, start it: it never forgets.

          pallas demo                    a counter that survives Ctrl-C and kill -9
          pallas sire                    try the Sire language
          pallas boot ./my app.sire      make a machine of the program's main
          pallas start ./my              run it, from where it was
        """;
}
