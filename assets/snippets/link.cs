// Connects one account: makes a link, shows it and its QR code, waits until it was used.
using System;
using System.IO;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

static class Link
{
    const string Startlink = "__ADDRESS__";
    const string Key = "__KEY__";
    static readonly HttpClient Http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };

    static async Task<JsonElement> Ask(HttpMethod method, string path, object body)
    {
        var request = new HttpRequestMessage(method, Startlink + "/api/v1" + path);
        request.Headers.Add("Authorization", "Bearer " + Key);
        if (method == HttpMethod.Post)
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new Exception(text);
        return JsonDocument.Parse(text).RootElement;
    }

    static async Task Main()
    {
        var link = await Ask(HttpMethod.Post, "/links", new { username = "__USERNAME__" });
        Console.WriteLine("Show this page: " + link.GetProperty("page_url").GetString());
        Console.WriteLine("Or this link:   " + link.GetProperty("url").GetString());
        File.WriteAllText("connect.svg", link.GetProperty("qr_svg").GetString());

        var path = "/links/" + link.GetProperty("id").GetInt64() + "?wait=25";
        var state = "open";
        while (state == "open" || state == "held")
            state = (await Ask(HttpMethod.Get, path, "")).GetProperty("state").GetString();
        Console.WriteLine("The link is " + state + ".");
    }
}
