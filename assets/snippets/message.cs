// Sends a message to an account: to every chat it is connected to.
using System;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

static class Message
{
    const string Startlink = "__ADDRESS__";
    const string Key = "__KEY__";
    static readonly HttpClient Http = new HttpClient();

    static async Task<JsonElement> Send(string username, string text)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Startlink + "/api/v1/messages");
        request.Headers.Add("Authorization", "Bearer " + Key);
        var body = JsonSerializer.Serialize(new { to = new { username }, text });
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await Http.SendAsync(request);
        var told = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new Exception(told);
        return JsonDocument.Parse(told).RootElement;
    }

    static async Task Main()
    {
        var message = await Send("__USERNAME__", "__TEXT__");
        Console.WriteLine("Message " + message.GetProperty("id").GetInt64() + " is on its way.");
    }
}
