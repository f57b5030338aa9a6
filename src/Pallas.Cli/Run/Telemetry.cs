using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Pallas.Cli.Render;
using Pallas.Machine;

namespace Pallas.Cli.Run;

/// <summary>Sends the measurements of this process to an OpenTelemetry collector.</summary>
/// <remarks>
/// Only this class uses the packages, so they load only with <c>--otlp</c>. Without a collector
/// the measurements are dropped.
/// </remarks>
internal sealed class Telemetry : IDisposable
{
    private const int MetricsEveryMs = 10_000;

    private readonly MeterProvider metrics;
    private readonly TracerProvider spans;

    private Telemetry(Uri collector)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(
            "pallas", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3));
        metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(MachineMeter.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                SendTo(exporter, collector, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                    MetricsEveryMs;
            })
            .Build();
        spans = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(MachineMeter.Name)
            .AddOtlpExporter(exporter => SendTo(exporter, collector, "v1/traces"))
            .Build();
    }

    /// <param name="option">For the message about a wrong address.</param>
    /// <param name="address">Of a collector; <c>v1/metrics</c> and <c>v1/traces</c> are added.
    /// </param>
    public static Telemetry Start(string option, string address)
    {
        var isAddress = Uri.TryCreate(address, UriKind.Absolute, out var collector)
            && collector.Scheme is "http" or "https";
        return isAddress
            ? new Telemetry(new Uri(address.TrimEnd('/') + '/'))
            : throw Failure.Mistake(
                $"{option} cannot be {address}\n"
                + "hint: give the address of a collector, such as http://localhost:4318");
    }

    /// <summary>Sends the pending measurements.</summary>
    public void Dispose()
    {
        metrics.Dispose();
        spans.Dispose();
    }

    private static void SendTo(OtlpExporterOptions exporter, Uri collector, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(collector, path);
    }
}
