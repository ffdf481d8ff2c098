// Leads a user who is signed in from your page to startlink and back, without a call to the API.
using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

static class Address
{
    const string Startlink = "__ADDRESS__";
    const string Secret = "__CONNECT_SECRET__";

    static string Sign(params string[] lines)
    {
        var mac = new HMACSHA256(Encoding.UTF8.GetBytes(Secret));
        var digest = mac.ComputeHash(Encoding.UTF8.GetBytes(string.Join("\n", lines)));
        return BitConverter.ToString(digest).Replace("-", "").ToLowerInvariant();
    }

    /// <summary>Where the button on your page leads. Make it on the server, for the user who is signed in.</summary>
    static string ConnectUrl(string username, string returnUrl)
    {
        var expires = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600).ToString();
        return Startlink + "/connect?username=" + Uri.EscapeDataString(username) + "&expires=" + expires
            + "&return_url=" + Uri.EscapeDataString(returnUrl)
            + "&signature=" + Sign("connect", username, expires, returnUrl);
    }

    /// <summary>Whether startlink says, in the address they came back to, that this user was just connected.</summary>
    static bool IsConnected(string username, Func<string, string> query)
    {
        var at = query("startlink_at");
        if (!long.TryParse(at, out var seconds)) return false;
        if (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds > 900) return false;
        var expected = Encoding.UTF8.GetBytes(Sign("connected", username, at));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(query("startlink_signature")), expected);
    }

    static void Main(string[] args)
    {
        if (args.Length == 0)
        {
            Console.WriteLine(ConnectUrl("__USERNAME__", "__RETURN_URL__"));
            return;
        }
        var pairs = args[0].Split('&').Select(pair => pair.Split('=')).Where(pair => pair.Length == 2);
        var fields = pairs.ToLookup(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var connected = IsConnected("__USERNAME__", name => fields[name].FirstOrDefault() ?? "");
        Console.WriteLine(connected ? "connected" : "not proven");
    }
}
