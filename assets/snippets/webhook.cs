// Receives webhooks, and believes only what startlink signed.
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

static class Webhook
{
    const string Secret = "__WEBHOOK_SECRET__";

    static bool IsGenuine(string id, string timestamp, string signatures, byte[] body)
    {
        if (!long.TryParse(timestamp, out var seconds)) return false;
        if (Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds) > 300) return false;
        var key = Convert.FromBase64String(Secret.Substring("whsec_".Length));
        var signed = Encoding.UTF8.GetBytes(id + "." + timestamp + ".").Concat(body).ToArray();
        var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(new HMACSHA256(key).ComputeHash(signed)));
        // Several signatures stand beside each other while the secret is being replaced.
        return signatures.Split(' ').Any(given =>
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), expected));
    }

    static void Main()
    {
        var listener = new HttpListener();
        listener.Prefixes.Add("http://127.0.0.1:__PORT__/");
        listener.Start();
        while (true)
        {
            var call = listener.GetContext();
            var body = new MemoryStream();
            call.Request.InputStream.CopyTo(body);
            Func<string, string> header = name => call.Request.Headers["webhook-" + name] ?? "";
            var genuine = IsGenuine(header("id"), header("timestamp"), header("signature"), body.ToArray());
            // The same event may come twice: keep the ids you have seen.
            if (genuine)
                Console.WriteLine(header("id") + " "
                    + JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("type").GetString());
            call.Response.StatusCode = genuine ? 204 : 400;
            call.Response.Close();
        }
    }
}
